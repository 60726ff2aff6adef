import { notImitated } from "../../../kernel/aws-error";
import type { Secret } from "../secret";

interface SecretFilter {
  Key: string;
  Values: string[];
}

/** Whether all filters select a secret: by the beginning of a text, or without it if a value begins with `!`. */
const selects = (filters: readonly SecretFilter[], secret: Secret): boolean =>
  filters.every(({ Key, Values }) => {
    const texts = textsOf(Key, secret);
    return Values.some(value => (value.startsWith("!") ? !begins(texts, value.slice(1)) : begins(texts, value)));
  });

const begins = (texts: string[], value: string) => texts.some(text => text.startsWith(value));

const textsOf = (key: string, { name, description = "", tags }: Secret): string[] => {
  switch (key) {
    case "name":
      return [name];
    case "description":
      return description.split(/\s+/);
    case "tag-key":
      return Object.keys(tags);
    case "tag-value":
      return Object.values(tags);
    case "all":
      return [name, description, ...Object.entries(tags).flat()].flatMap(text => text.split(/[\s/_+=.@-]+/));
    default:
      throw notImitated(`the filter ${key} of secrets`);
  }
};

export type { SecretFilter };
export { selects };
