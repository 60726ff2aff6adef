/**
 * Lets Pulumi serialize callbacks on Node.js 20, in a project that has npm workspaces.
 *
 * Pulumi uses `glob`, which Node.js 20 lacks, to find a workspace that contains the working directory. This `glob` finds nothing, which is
 * correct because the program is in the root of the workspaces. Remove this file when Node.js 20 is no longer supported.
 */
const promises = require("node:fs/promises") as { glob?: () => AsyncIterable<string> };

promises.glob ??= async function* () {};
