/** The format of validated rows in the bucket of processed data: one JSON object per line. */
import { StringDecoder } from "node:string_decoder";
import type { Pay } from "#core/payroll/payroll";

const buildPayLine = (pay: Pay): string => `${JSON.stringify(pay)}\n`;

/** Reads employees as their lines stream in. */
async function* readPayRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Pay> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line) as Pay;
  }
}

export { buildPayLine, readPayRows };
