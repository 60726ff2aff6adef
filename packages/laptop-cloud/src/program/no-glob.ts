/**
 * Lets Pulumi serialize callbacks on Node.js 20, in a program whose project has npm workspaces.
 *
 * Pulumi looks with `glob`, which Node.js 20 lacks, for a workspace that contains the working directory. To find nothing is right for a
 * program in the root of the workspaces. Remove this file when Node.js 20 is no longer supported.
 */
const promises = require("node:fs/promises") as { glob?: () => AsyncIterable<string> };

promises.glob ??= async function* () {};
