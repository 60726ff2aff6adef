import { unzipSync } from "fflate";
import { AwsError } from "../../kernel/aws-error";

/** Reads a ZIP file's files by path. Throws `AwsError` InvalidParameterValueException, as Lambda does, when it can't be read. */
const unzip = (zip: Buffer): Map<string, Buffer> => {
  try {
    const files = Object.entries(unzipSync(zip)).filter(([path]) => !path.endsWith("/"));
    return new Map(files.map(([path, bytes]) => [path, Buffer.from(bytes)]));
  } catch {
    const message = "Could not unzip uploaded file. Please check your file, then try to upload again.";
    throw new AwsError("InvalidParameterValueException", message);
  }
};

export { unzip };
