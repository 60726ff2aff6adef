/** Builds files of functions' archives from their sources, so that an edit of a source needs no run of the program. */
interface CodeBuilder {
  /** Starts a build that the program will wait for, in the program's process and before the program is loaded. Must not throw. */
  prepare?(): void;
  /** Throws an error with the compiler's message. */
  build(): Promise<BuiltCode>;
  /** The absolute path of a file's source map, by the file's path in an archive. */
  findMap(path: string): string;
}

interface BuiltCode {
  /** The text of each file, by its path in an archive. */
  files: Readonly<Record<string, string>>;
  /** The source files, absolute paths. */
  sources: readonly string[];
}

export type { BuiltCode, CodeBuilder };
