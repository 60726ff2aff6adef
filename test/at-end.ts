const ends: (() => Promise<void>)[] = [];

/** Runs `end` after the tests of the file, or after those of all files where one process runs them one after another. */
const atEnd = (end: () => Promise<void>): void => void ends.push(end);

const mochaHooks = {
  async afterAll() {
    for (const end of ends.splice(0)) await end();
  },
};

export { atEnd, mochaHooks };
