/** Registers ts-node, as Pulumi's own host does, with a cache. Pulumi's host transpiles with the same compiler and options. */
require("ts-node").register({ transpileOnly: true, transpiler: require.resolve("./transpiler.cjs") });
