/** Measures the CPU time of work in milliseconds, which other load on the machine does not increase. */
const processorMs = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

export { processorMs };
