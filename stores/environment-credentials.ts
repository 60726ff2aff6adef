/**
 * Reads the credentials that Lambda puts into a function's environment, and nothing else.
 *
 * It replaces `@aws-sdk/credential-provider-node` in the bundles: the default chain (profiles, SSO, web identity, instance metadata) takes a
 * fifth of a door's archive and of its cold start, and none of it applies inside Lambda.
 */
const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error(
      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are missing from the environment. Lambda sets them from the function's execution role.",
    );
  }
  return { accessKeyId, secretAccessKey, sessionToken };
};

export { defaultProvider };
