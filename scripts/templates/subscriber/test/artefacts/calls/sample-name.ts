import { expect } from "chai";
import type { CreateCalls } from "../calls";
import { buildDelivery } from "../events";

/** The subscriber `sample-name`. */
const createCalls: CreateCalls = ({ call }) => ({
  "sample-name": async () => {
    expect(await call("sample-name", buildDelivery("hello", "T0001-C0001-sample-name-webhook"))).to.equal(null);
  },
});

export { createCalls };
