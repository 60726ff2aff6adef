/** Registers ts-node, as Pulumi's own host does, with a cache. Pulumi's host transpiles with the same compiler and options. */
const { node } = process.versions;
const [major, minor] = node.split(".").map(Number);

// Packages are ES modules, which older versions can't require. Keep this in step with `engines` in package.json.
if (!(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19))) {
  console.error(`This needs Node.js 22.12 or later, or 20.19 or later of version 20, and this is Node.js ${node}.`);
  process.exit(1);
}

require("ts-node").register({ transpileOnly: true, transpiler: require.resolve("./transpiler.cjs") });
