/**
 * What the MCP SDK takes from its runtime, with the smaller of its two validators of JSON Schema.
 *
 * The bundle has this in place of `@modelcontextprotocol/server/_shims`: on Node.js the SDK takes Ajv, a seventh of the gateway's archive,
 * for answers of people and of tools that this server never asks for. Arguments are checked by the tools' own schemas.
 */

export { default as process } from "node:process";
export { CfWorkerJsonSchemaValidator as DefaultJsonSchemaValidator } from "@modelcontextprotocol/server/validators/cf-worker";
