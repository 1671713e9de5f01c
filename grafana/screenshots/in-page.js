/**
 * Runs inside Grafana's page, as text: what a person would see of each panel. JavaScript, because it belongs to the
 * browser and not to the types of this house. Answers `PageState` of page-state.ts.
 */
(() => {
  const testId = (element) => element.getAttribute('data-testid') ?? '';
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const bottom = (element) => element.getBoundingClientRect().bottom + window.scrollY;
  const header = 'data-testid Panel header ';

  const sections = all(`section[data-testid^="${header}"]`);
  const rows = all('[data-testid^="data-testid dashboard-row-title-"]');

  const panels = sections.map((section) => {
    const content = section.querySelector('[data-testid="data-testid panel content"]');
    return {
      title: testId(section).slice(header.length),
      loading: section.querySelector('[aria-label="Panel loading bar"]') !== null,
      error: section.querySelector('[data-testid="data-testid Panel status error"]') !== null,
      noData: section.querySelector('[data-testid="data-testid Panel data error message"]') !== null,
      text: (content?.innerText ?? '').trim().slice(0, 500),
      blank: content === null || isBlank(content),
      scrolls: content === null ? [] : scrolls(content),
    };
  });
  return {
    panels,
    // Not the rows of a table: they open to what is inside them, which is not asked for.
    closedRows: all('[aria-label="Expand row"]:not(section *)').length,
    bottom: Math.ceil(Math.max(0, ...[...sections, ...rows].map(bottom))),
    pageHeight: document.documentElement.scrollHeight,
  };

  /** Neither words nor a drawing. */
  function isBlank(content) {
    if (content.innerText.trim() !== '') return false;
    return !all('canvas, svg, img, video', content).some((drawn) => {
      const { width, height } = drawn.getBoundingClientRect();
      return width > 0 && height > 0;
    });
  }

  /** The directions in which something inside can be scrolled; `legend`: it holds the names of the series, and nothing else. */
  function scrolls(content) {
    const can = (value) => value === 'auto' || value === 'scroll';
    const directions = all('*', content).flatMap((element) => {
      const { overflowX, overflowY } = getComputedStyle(element);
      const isLegend =
        element.querySelector('[data-testid^="data-testid VizLegend series"]') && !element.querySelector('canvas');
      if (isLegend) return can(overflowY) && element.scrollHeight > element.clientHeight + 1 ? ['legend'] : [];
      return [
        // A pixel is rounding.
        ...(can(overflowY) && element.scrollHeight > element.clientHeight + 1 ? ['vertical'] : []),
        ...(can(overflowX) && element.scrollWidth > element.clientWidth + 1 ? ['horizontal'] : []),
      ];
    });
    return [...new Set(directions)];
  }
})();
