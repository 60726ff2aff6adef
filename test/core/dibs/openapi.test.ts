import { expect } from "chai";
import { OPEN_API } from "#core/dibs/openapi";

describe("openapi", () => {
  it("refers only to schemas that there are, and has none that nobody refers to", () => {
    const references = [...JSON.stringify(OPEN_API).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name);
    expect([...new Set(references)]).to.have.members(Object.keys(OPEN_API.components.schemas));
  });

  it("says for every operation that it may be refused as a problem", () => {
    for (const [path, item] of Object.entries(OPEN_API.paths))
      for (const [method, operation] of Object.entries(item as Record<string, { responses?: Record<string, unknown> }>))
        if (operation.responses !== undefined)
          expect(JSON.stringify(operation.responses), `${method} ${path}`).to.match(/problem|Problem|default/);
  });
});
