import type { IncomingMessage, ServerResponse } from "node:http";
import { AwsError } from "../../kernel/aws-error";
import { administrator } from "../../kernel/caller";
import type { Cloud } from "../../kernel/service";
import type { Topics } from "./store";
import type { Subscription } from "./subscription";

/** Sends an e-mail address one confirmation mail; it gets no messages before it follows the link. */
const invite = async (topics: Topics, subscription: Subscription) => {
  const { isConfirmed, isInvited, endpoint, topicArn, token } = subscription.record;
  if (isConfirmed || isInvited) return;
  const { cloud } = topics;
  const link = `${cloud.place.pageUrl}/mail/confirm?${new URLSearchParams({ TopicArn: topicArn, Token: token, Endpoint: endpoint })}`;
  const Body = `You have chosen to subscribe to the topic:\n${topicArn}\n\nTo confirm this subscription, follow this link:\n${link}\n`;
  await cloud.call("mail", "Send", { To: endpoint, Subject: "AWS Notification - Subscription Confirmation", Body }, administrator);
  await topics.changeSubscription(subscription, { isInvited: true });
};

/** Serves the links in confirmation mails and notifications. They need no credentials. */
const serveMailLinks = (cloud: Cloud) => {
  cloud.mount("/mail/confirm", (request, response) =>
    follow(request, response, async query => {
      const input = { TopicArn: query.get("TopicArn"), Token: query.get("Token") };
      const { SubscriptionArn } = await cloud.call("sns", "ConfirmSubscription", input, administrator);
      return `Subscription confirmed: ${query.get("Endpoint") ?? ""}\n${SubscriptionArn}`;
    }),
  );
  cloud.mount("/mail/unsubscribe", (request, response) =>
    follow(request, response, async query => {
      await cloud.call("sns", "Unsubscribe", { SubscriptionArn: query.get("SubscriptionArn") }, administrator);
      return `Subscription removed:\n${query.get("SubscriptionArn") ?? ""}`;
    }),
  );
};

const follow = async (request: IncomingMessage, response: ServerResponse, act: (query: URLSearchParams) => Promise<string>) => {
  const answer = (status: number, text: string) => {
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
  };
  if (request.method !== "GET") return answer(405, "Links are followed with GET.");
  try {
    answer(200, await act(new URL(request.url ?? "/", "http://page").searchParams));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    answer(error.status, error.message);
  }
};

export { invite, serveMailLinks };
