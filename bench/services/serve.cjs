/** Listens, says where on the first line, and answers whoever started it with what the process has used so far. */
exports.serve = (server) => {
  server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
  process.on('message', () => {
    const { rss } = process.memoryUsage();
    process.send({ total: process.cpuUsage(), mainThread: process.threadCpuUsage(), rss });
  });
  process.on('disconnect', () => process.exit());
};
