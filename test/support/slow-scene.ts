import type { ConversationScene } from '../../server/conversation/index.ts';
import { sleep, systemClock } from '../../server/kernel/clock.ts';

/** What to send so that the answer takes so many ms; `what` tells one from the other. */
export const slowQuestion = (milliseconds: number, what: string): string => `慢 ${milliseconds} ${what}`;

/** What is answered in the end. */
export const slowAnswer = (question: string): string => `想好了：${question}`;

/** Takes its time over questions that say how much. */
export const slowScene: ConversationScene = {
  name: 'slow',
  on: [(content) => content.kind === 'text' && content.text.startsWith('慢 ')],
  async answer({ inbound: { content } }) {
    const question = content.kind === 'text' ? content.text : '';
    await sleep(systemClock, Number(question.split(' ')[1]));
    return { kind: 'text', text: slowAnswer(question) };
  },
};
