/** Fonts are bundled as bytes: esbuild's loader `binary`, and `bin/load-typescript.cjs` for tests. */
declare module "*.ttf" {
  const bytes: Uint8Array;
  export default bytes;
}
