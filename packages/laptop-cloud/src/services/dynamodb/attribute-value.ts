/** A value in DynamoDB's JSON: one property, named after the type. Binary values are base64. */
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
