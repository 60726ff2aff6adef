import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { defaultProvider } from "#stores/environment-credentials";

describe("environment-credentials", () => {
  const names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
  const before = names.map(name => [name, process.env[name]] as const);
  const set = (values: Record<string, string | undefined>) => {
    for (const [name, value] of Object.entries(values))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  };

  afterEach(() => set(Object.fromEntries(before)));

  it("are read from the environment on every call", async () => {
    const provide = defaultProvider();
    set({ AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "token" });
    expect(await provide()).to.deep.equal({ accessKeyId: "key", secretAccessKey: "secret", sessionToken: "token" });
  });

  for (const missing of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    it(`name ${missing} if it is missing`, async () => {
      set({ AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", [missing]: undefined });
      expect(((await rejectionOf(defaultProvider()())) as Error).message).to.contain("from the function's execution role");
    });
});
