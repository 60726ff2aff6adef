import type { Readable } from "node:stream";

/** Splits at line feeds, in bytes: a character of several bytes may be cut between two chunks. A last line without one goes to `onRest`. */
const readLines = (stream: Readable, onLine: (line: string) => void, onRest: (rest: string) => void = () => {}) => {
  let begun: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      begun.push(chunk.subarray(start, end));
      onLine(Buffer.concat(begun).toString());
      begun = [];
      start = end + 1;
    }
    if (start < chunk.length) begun.push(chunk.subarray(start));
  });
  stream.on("end", () => {
    if (begun.length > 0) onRest(Buffer.concat(begun).toString());
  });
};

export { readLines };
