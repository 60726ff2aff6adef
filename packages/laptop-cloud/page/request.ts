/** The cloud refused the request. The message is the cloud's sentence. */
class Refused extends Error {
  override name = "Refused";
}

/** There was no answer. Each browser has its own message for this, so this class brings its own. */
class Unanswered extends Error {
  override name = "Unanswered";

  constructor(options: ErrorOptions) {
    super("The laptop cloud does not answer. Is it still running?", options);
  }
}

/** Throws `Refused`, `Unanswered`. */
const request = async <T>(path: string, init?: RequestInit): Promise<T> => {
  const response = await fetch(path, init).catch((cause: unknown) => {
    throw new Unanswered({ cause });
  });
  const body = (await response.json()) as T & { message?: string };
  if (!response.ok) throw new Refused(body.message ?? `${path} answered ${response.status}.`);
  return body;
};

const post = <T>(path: string, body: object) => request<T>(path, { method: "POST", body: JSON.stringify(body) });

export { post, request };
