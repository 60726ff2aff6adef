/**
 * The runtime shims of the MCP SDK, with the smaller of its two JSON Schema validators.
 *
 * The bundle uses this file instead of `@modelcontextprotocol/server/_shims`. On Node.js, the SDK uses Ajv, a seventh of the gateway's archive,
 * to validate answers that this server never requests. The tools' own schemas validate arguments.
 */

export { default as process } from "node:process";
export { CfWorkerJsonSchemaValidator as DefaultJsonSchemaValidator } from "@modelcontextprotocol/server/validators/cf-worker";
