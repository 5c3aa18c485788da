import type * as Api from '@opentelemetry/api';
import type { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { Config } from '../config';
import type { Logger } from '../log';

/** The parts of OpenTelemetry that are used, loaded and set up. */
export interface OpenTelemetry {
  readonly api: typeof Api;
  readonly provider: BasicTracerProvider;
  readonly propagator: Api.TextMapPropagator;
}

/**
 * Loads OpenTelemetry, which is not even in memory when nobody asks for traces. It reads the other OTEL_ variables
 * itself (headers, sampler, service name). Throws an Error that says what to do when it is not installed.
 */
export async function loadOpenTelemetry(
  endpoint: NonNullable<Config['OTEL_EXPORTER_OTLP_ENDPOINT']>,
  log: Logger,
): Promise<OpenTelemetry> {
  const { api, core, sdk, resources, otlp } = await importPackages();
  api.diag.setLogger(toDiagLogger(log), { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true });
  const exporter = new otlp.OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new sdk.BasicTracerProvider({
    resource: resources
      .resourceFromAttributes({ 'service.name': 'fluxgate' })
      .merge(resources.detectResources({ detectors: [resources.envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
  });
  return { api, provider, propagator: new core.W3CTraceContextPropagator() };
}

async function importPackages() {
  try {
    const [api, core, sdk, resources, otlp] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/core'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
    return { api, core, sdk, resources, otlp };
  } catch (cause) {
    throw new Error(
      'OTEL_EXPORTER_OTLP_ENDPOINT is set, but the packages of OpenTelemetry are missing. Run npm ci, or unset it.',
      { cause },
    );
  }
}

/** A receiver that is away heals by itself, and no request waits for it. */
function toDiagLogger(log: Logger): Api.DiagLogger {
  const warn = (message: string): void => log.warn({ reason: message }, 'traces could not be sent');
  const ignore = (): void => undefined;
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
}
