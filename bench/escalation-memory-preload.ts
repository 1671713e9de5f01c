/** Preloaded into the service: says what its memory holds, without what is only not collected yet. Needs `--expose-gc`. */
const collect = globalThis.gc as () => void;

process.on('message', () => {
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send?.({ rss, heap: heapUsed + external });
});
// Who is not asked may end.
process.channel?.unref();
