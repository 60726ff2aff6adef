import { isObject } from "../../kernel/json";
import { type HttpAnswer, MalformedResponse } from "./function-response";
import type { IntegrationDefinition, ResponseDefinition } from "./rest-method";

/** The answer of a mock integration: its request template has the status, which selects one of its responses. */
const answerMock = ({ requestTemplates = {}, responses }: IntegrationDefinition): HttpAnswer => {
  const status = readTemplateStatus(Object.values(requestTemplates)[0]);
  const response = responses.find(({ selectionPattern }) => selectionPattern !== undefined && isWhole(selectionPattern, status));
  const chosen = response ?? responses.find(({ selectionPattern }) => selectionPattern === undefined);
  if (chosen === undefined) throw new MalformedResponse(`no integration response fits the status ${status}`);
  return buildAnswer(chosen);
};

const readTemplateStatus = (template = "{}"): string => {
  try {
    const value: unknown = JSON.parse(template);
    if (isObject(value) && value["statusCode"] !== undefined) return String(value["statusCode"]);
  } catch {
    // Refused below, like JSON without a status.
  }
  throw new MalformedResponse(`the request template of the mock integration is ${template}, but must be {"statusCode": 200}`);
};

const isWhole = (pattern: string, text: string) => new RegExp(`^(?:${pattern})$`).test(text);

const buildAnswer = ({ statusCode, responseParameters = {}, responseTemplates = {} }: ResponseDefinition): HttpAnswer => {
  const [[contentType, body] = ["application/json", ""]] = Object.entries(responseTemplates);
  const headers = Object.entries(responseParameters).map(([name, value]) => [
    name.slice("method.response.header.".length).toLowerCase(),
    value.slice(1, -1),
  ]);
  return {
    status: Number(statusCode),
    headers: { "content-type": contentType, ...Object.fromEntries(headers) },
    cookies: [],
    body: Buffer.from(body ?? ""),
  };
};

export { answerMock };
