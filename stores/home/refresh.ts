/** Publishes an event on the topic `messages`, which makes the subscriber `home` publish a person's Home again. */

import type { Deadline } from "#core/deadline";
import { buildHomeRefresh, type HomeRequest } from "#core/home/home-event";
import { createSNS } from "#stores/aws-clients";
import { MessagesTopic } from "#stores/message/messages-topic";

class HomeRefresh {
  constructor(
    private readonly topic: Pick<MessagesTopic, "publish">,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** `id` is that of the button press that changed what the Home shows. */
  async publish(request: HomeRequest, id: string, deadline: Deadline): Promise<void> {
    const { envelope, ...attributes } = buildHomeRefresh(request, id, this.nowMs());
    await this.topic.publish(envelope, attributes, deadline.signal());
  }
}

/** Creates the store; undefined where nothing is published. */
const createHomeRefresh = (topicArn: string | undefined): HomeRefresh | undefined =>
  topicArn === undefined ? undefined : new HomeRefresh(new MessagesTopic(createSNS("ack"), topicArn));

export { createHomeRefresh, HomeRefresh };
