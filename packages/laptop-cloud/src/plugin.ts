import type { Program } from "./kernel/program";
import type { ServiceDefinition } from "./kernel/service";

/** A service outside AWS that the program talks to, which is imitated too: a chat, a board of cards. */
interface Plugin {
  /** `${NAME}` in `Pulumi.local.yaml` stands for the plugin's base URL, which `endpoints.json` has under the same key. */
  name: string;
  /** Where the plugin is on the page's server: "/chat". */
  path: string;
  /** `program` returns what the program exported; services may call it from their `start` on. */
  createDefinitions(program: () => Program): ServiceDefinition[];
}

/** The base URL of each plugin, by its name. */
const urlsOf = (plugins: Plugin[], pageUrl: string): Record<string, string> =>
  Object.fromEntries(plugins.map(({ name, path }) => [name, `${pageUrl}${path}`]));

export type { Plugin };
export { urlsOf };
