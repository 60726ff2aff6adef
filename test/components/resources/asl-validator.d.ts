/** The part of asl-validator that the tests use. It ships no types. */
declare module "asl-validator" {
  function validate(definition: object, options?: { checkArn?: boolean }): { isValid: boolean; errorsText(): string };
  export default validate;
}
