/** The command is bundled as text: a plugin of esbuild, and `bin/load-typescript.cjs` for tests. */
declare module "#dibs-cli" {
  const text: string;
  export default text;
}
