/** An attribute's value as DynamoDB's JSON has it: one property, named for the type. Binary is base64. */
interface AttributeValue {
  S?: string;
  N?: string;
  B?: string;
  BOOL?: boolean;
  NULL?: boolean;
  SS?: string[];
  NS?: string[];
  BS?: string[];
  L?: AttributeValue[];
  M?: Item;
}

interface Item {
  [attribute: string]: AttributeValue;
}

export type { AttributeValue, Item };
