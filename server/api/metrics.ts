import type { Middleware } from 'koa';
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** The process's figures in Prometheus's text format. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  /** Counts an inbound message by how it was dealt with. */
  countMessage(outcome: string): void;
  /** Counts a try to deliver an event to a webhook by how it went. */
  countDelivery(outcome: string): void;
  /** Times requests by the class of the status that they are answered with. */
  readonly timeRequests: Middleware;
}

/** A registry of its own, so that two apps in one process do not share figures. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const messages = new Counter({
    name: 'inbound_messages_total',
    help: 'Inbound messages by outcome',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const deliveries = new Counter({
    name: 'webhook_deliveries_total',
    help: 'Tries to deliver events to webhooks by outcome',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the headers of a request to its answer',
    labelNames: ['status'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    countMessage: (outcome) => messages.inc({ outcome }),
    countDelivery: (outcome) => deliveries.inc({ outcome }),
    async timeRequests(ctx, next) {
      const begun = performance.now();
      await next();
      requests.observe({ status: `${Math.floor(ctx.status / 100)}xx` }, (performance.now() - begun) / 1000);
    },
  };
}
