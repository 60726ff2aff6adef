import { join } from "node:path";
import ts from "typescript";

/** Checks the types of files of a project. They may exist only in memory. Returns the mistakes. */
const compile = (root: string, files: ReadonlyMap<string, string>): string[] => {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.directoryExists = path => [...files.keys()].some(file => file.startsWith(`${path}/`)) || ts.sys.directoryExists(path);
  host.fileExists = path => files.has(path) || fileExists(path);
  host.readFile = path => files.get(path) ?? readFile(path);
  host.getSourceFile = (path, languageVersion, ...more) => {
    const text = files.get(path);
    return text === undefined ? getSourceFile(path, languageVersion, ...more) : ts.createSourceFile(path, text, languageVersion);
  };
  const program = ts.createProgram({ rootNames: [...files.keys()], options, host });
  return [...files.keys()]
    .flatMap(path => {
      const source = program.getSourceFile(path)!;
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    })
    .map(({ file, messageText }) => `${file?.fileName.slice(root.length + 1)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
};

export { compile };
