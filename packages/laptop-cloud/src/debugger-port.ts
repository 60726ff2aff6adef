import { createServer } from "node:net";

/** The port that debuggers look at first. */
const USUAL_PORT = 9229;

/** The usual port of debuggers, or a free one if another process has it. */
const findDebuggerPort = async (): Promise<number> => (await findFree(USUAL_PORT)) ?? (await findFree(0))!;

const findFree = (port: number): Promise<number | undefined> =>
  new Promise(resolve => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : undefined));
    });
  });

export { findDebuggerPort };
