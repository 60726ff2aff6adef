import * as pulumi from "@pulumi/pulumi";

/** Pulumi's own functions that record stack traces. Neither is in its types. */
interface StackRecorders {
  debuggable: { debuggablePromise: (promise: Promise<unknown>, context?: string) => Promise<unknown> };
  resource: { stackTrace: (skip: number) => object[] };
}

const recorders = (): StackRecorders => ({
  debuggable: require("@pulumi/pulumi/runtime/debuggable") as StackRecorders["debuggable"],
  resource: pulumi.Resource as unknown as StackRecorders["resource"],
});

/**
 * Keeps Pulumi from recording a stack trace for each promise and each resource. Returns a function that undoes this.
 *
 * They took a quarter of the laptop cloud's start. Pulumi reads them only to report promises that never settle, and to tell its engine
 * where a resource was declared; there is no engine here.
 */
const skipStackTraces = (): (() => void) => {
  const { debuggable, resource } = recorders();
  const { debuggablePromise } = debuggable;
  const { stackTrace } = resource;
  debuggable.debuggablePromise = promise => promise;
  resource.stackTrace = () => [];
  return () => {
    debuggable.debuggablePromise = debuggablePromise;
    resource.stackTrace = stackTrace;
  };
};

export { skipStackTraces };
