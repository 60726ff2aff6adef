/** Processor time that work took, milliseconds: a machine that does other things besides does not lengthen it. */
const processorMs = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

export { processorMs };
