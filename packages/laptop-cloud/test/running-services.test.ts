import { AsyncResource } from "node:async_hooks";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { administrator } from "../src/kernel/caller";
import { Calls } from "../src/kernel/calls";
import { Clock } from "../src/kernel/clock";
import { Dispatcher } from "../src/kernel/dispatch";
import { Inventory, type Resource } from "../src/kernel/inventory";
import type { Cloud, Service, ServiceDefinition } from "../src/kernel/service";
import { RunningServices } from "../src/running-services";

const resource = (type: string, name: string, inputs: object = {}): Resource => ({
  type,
  name,
  id: name,
  inputs,
  outputs: inputs,
  secrets: [],
});

describe("running services", () => {
  let events: string[];
  let inventory: Inventory;
  let dispatcher: Dispatcher;
  let names: Set<string>;

  beforeEach(() => {
    events = [];
    dispatcher = new Dispatcher({ decide: () => ({ allowed: true }) }, new Calls(), new Clock());
  });

  /** A service for resources of one type. It refuses a resource with `bad`. */
  const define = (name: string, more: Partial<ServiceDefinition> = {}, service: Partial<Service> = {}): ServiceDefinition => ({
    name,
    resources: { [name]: { properties: {}, outputs: ({ name: id }) => ({ id }) } },
    create: () => ({
      start: async () => {
        const bad = inventory.ofType(name).find(({ inputs }) => inputs["bad"]);
        events.push(`${name} starts`);
        if (bad !== undefined) throw new Error(`${bad.name} is bad`);
      },
      resume: async () => void events.push(`${name} resumes`),
      stop: async () => void events.push(`${name} stops`),
      operations: {},
      ...service,
    }),
    ...more,
  });

  const start = async (definitions: ServiceDefinition[], resources: Resource[]) => {
    inventory = new Inventory(resources);
    names = new Set();
    const services = new RunningServices({ inventory } as Cloud, definitions, dispatcher, names);
    await services.start();
    await services.resume();
    events = [];
    return services;
  };

  it("restarts a service whose resources have changed, and no other", async () => {
    const services = await start([define("queue"), define("topic")], [resource("queue", "a"), resource("topic", "b")]);

    await services.apply([resource("queue", "a", { size: 2 }), resource("topic", "b")], () => {});

    expect(events).to.deep.equal(["queue stops", "queue starts", "queue resumes"]);
    expect(inventory.revision).to.equal(1);
  });

  it("lets a service that can update itself keep running", async () => {
    const update = async () => void events.push("updates");
    const services = await start([define("function", {}, { update })], [resource("function", "a")]);

    await services.apply([resource("function", "a", { timeout: 2 })]);

    expect(events).to.deep.equal(["updates"]);
  });

  it("starts a service with the first of its resources, and stops it with the last", async () => {
    const services = await start([define("queue")], []);

    await services.apply([resource("queue", "a")]);
    await services.apply([]);

    expect(events).to.deep.equal(["queue starts", "queue resumes", "queue stops"]);
  });

  it("restarts a service that reads the program's outputs when those have changed", async () => {
    const services = await start([define("chat", { always: true, readsProgram: true }), define("page", { always: true })], []);

    await services.apply([]);
    await services.apply([], () => {});

    expect(events).to.deep.equal(["chat stops", "chat starts", "chat resumes"]);
  });

  it("goes back to what was declared before if a service refuses", async () => {
    const services = await start([define("topic"), define("queue")], [resource("topic", "t"), resource("queue", "a")]);

    const error = await rejectionOf<Error>(services.apply([resource("topic", "t", { name: "u" }), resource("queue", "a", { bad: true })]));

    expect(error.message).to.equal("a is bad");
    expect(inventory.resources).to.deep.equal([resource("topic", "t"), resource("queue", "a")]);
    expect(inventory.revision).to.equal(0);
    expect(events.slice(-4)).to.deep.equal(["topic starts", "queue starts", "topic resumes", "queue resumes"]);
  });

  it("takes back the program's outputs before services that read them start again", async () => {
    let outputs = "old";
    const read = async () => void events.push(`chat reads ${outputs}`);
    const chat = define("chat", { always: true, readsProgram: true }, { start: read });
    const services = await start([chat, define("queue")], []);
    outputs = "new";
    const revert = () => {
      outputs = "old";
    };

    await rejectionOf(services.apply([resource("queue", "a", { bad: true })], revert));

    expect(events.filter(event => event.startsWith("chat reads"))).to.deep.equal(["chat reads new", "chat reads old"]);
  });

  it("keeps the old definition of a resource that would lose its items, and applies the rest", async () => {
    const data = { isReplaced: (before: Resource, after: Resource) => before.inputs["key"] !== after.inputs["key"], count: async () => 3 };
    const table = define("table");
    table.resources["table"]!.data = data as never;
    const services = await start([table], [resource("table", "words", { key: "a" })]);

    const kept = await services.apply([resource("table", "words", { key: "b" }), resource("table", "seen")]);

    expect(kept).to.deep.equal([{ name: "words", items: 3 }]);
    expect(inventory.resources).to.deep.equal([resource("table", "words", { key: "a" }), resource("table", "seen")]);
  });

  it("names a service as running while it restarts, and no longer when its last resource is gone", async () => {
    const named: boolean[] = [];
    const stop = async () => void named.push(names.has("queue"));
    const begin = async () => void named.push(names.has("queue"));
    const services = await start([define("queue", {}, { start: begin, stop })], [resource("queue", "a")]);

    await services.apply([resource("queue", "b")]);
    expect(named).to.deep.equal([true, true, true]);
    await services.apply([]);
    expect([...names]).to.deep.equal([]);
  });

  it("lets a service that stops call another one that stops too", async () => {
    const operations = { Send: async () => ({}) };
    const send = AsyncResource.bind(() => dispatcher.dispatch("queue", "Send", {}, administrator));
    const topic = define("topic", {}, { stop: async () => void (await send()) });
    const services = await start([define("queue", {}, { operations }), topic], [resource("queue", "a"), resource("topic", "b")]);

    await services.apply([resource("queue", "a", { size: 2 }), resource("topic", "b", { size: 2 })]);

    expect(events).to.include("queue stops");
  });

  it("makes calls wait while a service restarts, and waits for the calls in progress", async () => {
    let finish = () => {};
    const finished = new Promise<void>(resolve => {
      finish = resolve;
    });
    const operations = {
      Slow: async () => {
        await finished;
        events.push("slow call ends");
        return {};
      },
      Quick: async () => {
        events.push("quick call");
        return {};
      },
    };
    const services = await start([define("queue", {}, { operations })], [resource("queue", "a")]);

    const slow = dispatcher.dispatch("queue", "Slow", {}, administrator);
    const applied = services.apply([resource("queue", "b")]);
    // Calls wait as soon as the change has been compared.
    await new Promise(resolve => setImmediate(resolve));
    const quick = dispatcher.dispatch("queue", "Quick", {}, administrator);
    finish();
    await Promise.all([slow, applied, quick]);

    expect(events.filter(event => event !== "queue resumes")).to.deep.equal([
      "slow call ends",
      "queue stops",
      "queue starts",
      "quick call",
    ]);
  });
});
