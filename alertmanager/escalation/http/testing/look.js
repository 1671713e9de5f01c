// What a person with other eyes, fingers or tools would stumble over in this page. The value of this file is the list.
(() => {
  const complaints = [];
  const complain = (what, element) => complaints.push(`${what}: ${element.outerHTML.slice(0, 120)}`);
  const shown = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;

  /** Relative luminance, WCAG 2.2. */
  const luminance = (color) => {
    const [red, green, blue] = color.match(/[\d.]+/g).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (!/^rgba\(.*, 0\)$/.test(backgroundColor)) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() === '' || !shown(element)) continue;
    seen++;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const large = Number.parseFloat(fontSize) >= 24 || (Number.parseFloat(fontSize) >= 18.66 && fontWeight >= 700);
    const ratio = contrast(color, behind(element));
    if (ratio < (large ? 3 : 4.5)) complain(`contrast ${ratio.toFixed(2)}`, element);
  }
  if (seen === 0) complaints.push('there is no text');

  for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
    if (field.labels.length === 0) complain('no label', field);
    if (contrast(getComputedStyle(field).borderTopColor, behind(field.parentElement)) < 3)
      complain('border hardly seen', field);
  }
  for (const target of document.querySelectorAll('button, a, summary, input:not([type=hidden]), select')) {
    if (!shown(target)) continue;
    if (target.getBoundingClientRect().height < 40) complain('small to touch', target);
    if (target.matches('button, a') && target.textContent.trim() === '') complain('no name', target);
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  if (new Set(ids).size < ids.length) complaints.push('an id is there twice');
  if (document.querySelectorAll('h1').length !== 1) complaints.push('not one h1');
  if (!document.documentElement.lang || !document.title) complaints.push('no language or title');
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) complaints.push(`scrolls sideways: ${scrollWidth} > ${clientWidth}`);
  return complaints;
})();
