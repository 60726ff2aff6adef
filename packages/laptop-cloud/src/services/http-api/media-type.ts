/** Whether a content type is one of an API's binary media types. `*` and its parts stand for any type. */
const isBinary = (contentType: string | undefined, binaryMediaTypes: readonly string[]): boolean => {
  const [type = "", subtype = ""] = bareType(contentType).split("/");
  return binaryMediaTypes.some(each => {
    const [wantedType, wantedSubtype] = each.toLowerCase().split("/");
    return (wantedType === "*" || wantedType === type) && (wantedSubtype === "*" || wantedSubtype === subtype);
  });
};

const bareType = (contentType = "") => contentType.split(/[;,]/, 1)[0]!.trim().toLowerCase();

export { isBinary };
