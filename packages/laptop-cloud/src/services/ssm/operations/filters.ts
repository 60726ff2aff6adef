import { AwsError, notImitated } from "../../../kernel/aws-error";
import { latestOf, type Parameter } from "../parameter";

interface ParameterFilter {
  Key: string;
  Option?: string;
  Values?: string[];
}

const options: Record<string, (text: string, value: string) => boolean> = {
  Equals: (text, value) => text === value,
  BeginsWith: (text, value) => text.startsWith(value),
  Contains: (text, value) => text.includes(value),
};

/** Whether all filters select a parameter. Throws `AwsError` NotImplemented, InvalidFilterOption. */
const selects = (filters: readonly ParameterFilter[], parameter: Parameter): boolean =>
  filters.every(filter => selectsOne(filter, parameter));

const selectsOne = ({ Key, Option = "Equals", Values = [] }: ParameterFilter, parameter: Parameter): boolean => {
  if (Key === "Path") return Values.some(path => isBelow(parameter, path, Option === "Recursive"));
  const compare = Object.hasOwn(options, Option) ? options[Option]! : undefined;
  if (compare === undefined)
    throw new AwsError(
      "InvalidFilterOption",
      `Option is ${JSON.stringify(Option)}, but must be one of ${Object.keys(options).join(", ")}.`,
    );
  const texts = textsOf(Key, parameter);
  return Values.length === 0 ? texts.length > 0 : texts.some(text => Values.some(value => compare(text, value)));
};

const textsOf = (key: string, parameter: Parameter): string[] => {
  if (key.startsWith("tag:")) return Object.entries(parameter.tags).flatMap(([name, value]) => (name === key.slice(4) ? [value] : []));
  switch (key) {
    case "Name":
      return [parameter.name];
    case "Type":
      return [parameter.type];
    case "Tier":
      return [parameter.tier];
    case "DataType":
      return ["text"];
    case "Label":
      return latestOf(parameter).labels;
    default:
      throw notImitated(`the filter ${key} of parameters`);
  }
};

/** Whether a parameter is in a hierarchy: on its first level, or on any. */
const isBelow = ({ name }: Parameter, path: string, recursive: boolean): boolean => {
  const folder = path.endsWith("/") ? path : `${path}/`;
  // A name without a hierarchy is on the first level of "/".
  const full = name.startsWith("/") ? name : `/${name}`;
  return full.startsWith(folder) && (recursive || !full.slice(folder.length).includes("/"));
};

export type { ParameterFilter };
export { isBelow, selects };
