import { expect } from "chai";
import type { Answer, CreateCalls } from "../calls";
import { buildRequest, FORM } from "../events";

/** The door `sample-name`. */
const createCalls: CreateCalls = ({ laptop, call }) => ({
  "sample-name": async () => {
    const body = new URLSearchParams({ command: "/sample-name", text: "hello", team_id: "T0001", user_id: "U0001" }).toString();

    const { statusCode } = (await call("sample-name", buildRequest(body, { ...FORM, ...(await laptop().sign(body)) }))) as Answer;

    expect(statusCode).to.equal(200);
  },
});

export { createCalls };
