import type { ServiceDefinition } from "../../kernel/service";
import { Lifecycle } from "./lifecycle";
import { createOperations } from "./operations";
import { readPath, routes } from "./operations/routes";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { Store } from "./store";
import { serveWebsites } from "./website";

/** Amazon S3: buckets in the laptop's file system, with versions, multipart uploads, notifications and expiration. */
const s3: ServiceDefinition = {
  name: "s3",
  wire: { protocol: "rest", routes, readPath, decidesOrigins: true },
  resources,
  create: cloud => {
    const store = new Store(cloud);
    const lifecycle = new Lifecycle(store);
    let closeWebsites = () => {};
    return {
      start: async () => {
        await store.load();
        await reconcile(store);
        closeWebsites = serveWebsites(store);
      },
      resume: async () => {
        store.notifications.resume();
        lifecycle.start();
      },
      stop: async () => {
        closeWebsites();
        store.notifications.stop();
        await lifecycle.stop();
      },
      operations: createOperations(store),
    };
  },
};

export { s3 };
