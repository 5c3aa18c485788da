import 'reflect-metadata';
import { readAccessTable } from './auth/access-table';
import { Authenticator } from './auth/authenticator';
import { OperationPolicy } from './auth/operation-policy';
import { PolicyCache } from './auth/policy-cache';
import { WorkspaceEntity } from './auth/workspace.entity';
import { systemClock, type Clock } from './clock';
import { wrongConfiguration, type Config } from './config';
import { openDatabase, type Database } from './database/database';
import { requireWritable } from './database/health.store';
import { EventDefinitionResolver } from './events/event-definition.resolver';
import { startExpiry } from './events/event-expiry.worker';
import { ensureEventPartitions } from './events/event-partition.store';
import { createEventWriter } from './events/event-writer';
import { EventResolver } from './events/event.resolver';
import { eventRoutes } from './events/event.routes';
import { EventService, type EventQueue } from './events/event.service';
import type { NewEvent } from './events/event.rules';
import type { EventStatus } from './events/event.types';
import { IngestQueue } from './events/ingest-queue';
import { setUpFirstWorkspace, type FirstRun } from './first-run';
import { buildSchema } from './graphql/build-schema';
import { GraphQLDoor } from './graphql/graphql-door';
import { shareCheck, type ReadinessCheck } from './http/health';
import { createListener, listen } from './http/listener';
import { parseIpRange, type IpRange } from './lib/ip-range';
import { runEvery } from './lib/periodic';
import type { Logger } from './log';
import { MemberEntity } from './members/member.entity';
import { MemberService } from './members/member.service';
import { PasswordHasher } from './members/password';
import { SessionEntity } from './members/session.entity';
import { SessionResolver } from './members/session.resolver';
import { SessionService } from './members/session.service';
import { ViewerResolver } from './members/viewer.resolver';
import { ViewerService } from './members/viewer.service';
import { ProfileResolver } from './profiles/profile.resolver';
import { profileRoutes } from './profiles/profile.routes';
import { ProfileService } from './profiles/profile.service';
import { AllowedEventEntity } from './settings/allowed-event.entity';
import { AllowedEventsService } from './settings/allowed-events.service';
import { ApiSettingsResolver } from './settings/api-settings.resolver';
import { ApiSettingsService } from './settings/api-settings.service';
import { AuditEntryEntity } from './settings/audit-entry.entity';
import { IntegrationKeyEntity } from './settings/integration-key.entity';
import { IntegrationKeyResolver } from './settings/integration-key.resolver';
import { IntegrationKeyService } from './settings/integration-key.service';
import { IpAccessResolver } from './settings/ip-access.resolver';
import { IpAccessService } from './settings/ip-access.service';
import { IpRangeEntity } from './settings/ip-range.entity';
import { EventMeter } from './telemetry/event-meter';
import { createRegistry, startMetricsListener, type MetricsListener } from './telemetry/metrics-listener';
import { createGauges } from './telemetry/readings';
import { RequestMeter } from './telemetry/request-meter';
import { startTracing, type Tracing } from './telemetry/tracing';

/** All TypeORM entities; a contract test compares them with the migrations. */
export const ENTITIES = [
  WorkspaceEntity,
  MemberEntity,
  SessionEntity,
  IntegrationKeyEntity,
  IpRangeEntity,
  AllowedEventEntity,
  AuditEntryEntity,
];

const PARTITION_INTERVAL_MS = 3_600_000;
const ERASURE_INTERVAL_MS = 60_000;

export interface App {
  /** Where it listens, e.g. http://127.0.0.1:4000. */
  readonly url: string;
  /** Where Prometheus reads; null without TELEMETRY_PORT. */
  readonly metricsUrl: string | null;
  /** null on every start but the first. */
  readonly firstRun: FirstRun | null;
  /** Answers 503 on /readyz at once, lets running requests end, stores what waits, lets go of the database. */
  close(): Promise<void>;
}

/** The composition root: the one place that constructs services and joins them. Resolves when it listens. */
export async function startApp({
  config,
  log,
  clock = systemClock,
}: {
  config: Config;
  log: Logger;
  clock?: Clock;
}): Promise<App> {
  const trustedProxies = readTrustedProxies(config);
  const tracing = await startTracing(config, log);
  const meters = createMeters(config, tracing);
  const database = await openDatabase({
    config,
    log,
    entities: ENTITIES,
    prepare: (db) => ensureEventPartitions(db, clock()),
  });
  try {
    return await startOn(database, { config, log, clock, trustedProxies, meters, tracing });
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Environment {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly trustedProxies: readonly IpRange[];
  readonly meters: Meters;
  readonly tracing: Tracing | null;
}

type Meters = ReturnType<typeof createMeters>;

function createMeters(config: Config, tracing: Tracing | null) {
  const isTimed = config.TELEMETRY_PORT !== undefined;
  return {
    requests: new RequestMeter({ isTimed, onAnswer: tracing?.describeRequest }),
    events: new EventMeter(),
  };
}

async function startOn(database: Database, environment: Environment): Promise<App> {
  const { config, log, clock } = environment;
  const services = createServices(database, environment);
  let state: 'starting' | 'ready' | 'stopping' = 'starting';
  // Anybody may ask: a flood of questions must not keep the connections that events need.
  const requireDatabase = shareCheck(() => requireWritable(database.pools.ingest));
  const { listener, policies, graphql } = createDoors(database, environment, {
    services,
    requireReady: async () => {
      if (state !== 'ready') throw new Error(state);
      await requireDatabase();
    },
  });
  let metrics: MetricsListener | null = null;
  try {
    await policies.start();
    await graphql.start();
    metrics = await openMetrics(environment, { queue: services.queue, pools: database.pools, policies });
    const url = await listen(listener, config);
    // Last, when nothing can fail any more: what it makes is told to the caller now or to nobody.
    const firstRun = await setUpFirstWorkspace({
      dataSource: database.dataSource,
      config,
      clock,
      ...services,
    });
    const background = startBackgroundWork(database, { ...services, config, log, clock });
    state = 'ready';
    return {
      url,
      metricsUrl: metrics?.url ?? null,
      firstRun,
      close: async () => {
        state = 'stopping';
        await listener.close();
        await services.queue.drain();
        await Promise.all(background.map((work) => work.stop()));
        await graphql.stop();
        await policies.stop();
        await metrics?.close();
        await environment.tracing?.stop();
        await database.close();
      },
    };
  } catch (error) {
    await listener.close();
    await policies.stop();
    await metrics?.close();
    throw error;
  }
}

/** null without TELEMETRY_PORT: everything is counted all the same, and nobody reads it. */
async function openMetrics(
  { config, log, meters }: Environment,
  { queue, pools, policies }: Pick<Services, 'queue'> & Pick<Database, 'pools'> & { policies: PolicyCache },
): Promise<MetricsListener | null> {
  if (config.TELEMETRY_PORT === undefined) return null;
  const gauges = createGauges({ queue, pools: { ...pools }, policies });
  const registry = createRegistry([...meters.requests.instruments, ...meters.events.instruments, ...gauges]);
  return startMetricsListener(registry, { config, log });
}

function createDoors(
  { pools, connection }: Database,
  { config, log, clock, trustedProxies, meters, tracing }: Environment,
  { services, requireReady }: { services: Services; requireReady: ReadinessCheck },
) {
  const { instances, events, profiles } = services;
  const schema = buildSchema(instances);
  const policy = new OperationPolicy(schema, readAccessTable(schema));
  const policies = new PolicyCache({ connection, log });
  const authenticator = new Authenticator({ policies, db: pools.api, config, clock, log, trustedProxies });
  const graphql = new GraphQLDoor({ schema, policy, meter: meters.events, config, log });
  const routes = [...eventRoutes(events), ...profileRoutes(profiles)];
  const listener = createListener({
    graphql,
    authenticator,
    requests: meters.requests,
    tracing,
    config,
    log,
    routes,
    requireReady,
  });
  return { listener, policies, graphql };
}

function createServices({ dataSource, pools }: Database, { config, clock, meters, tracing }: Environment) {
  const passwords = new PasswordHasher();
  const parts = { dataSource, config, clock };
  const members = new MemberService(clock, passwords);
  const keys = new IntegrationKeyService(parts);
  const viewers = new ViewerService(dataSource, pools.api);
  const profiles = new ProfileService({ pools, clock, config });
  const write = createEventWriter({ pool: pools.ingest, config });
  const queue = new IngestQueue<NewEvent, EventStatus>({
    flush: meters.events.measure(tracing ? tracing.traceFlush(write) : write),
    sizeOf: (event) => event.propertiesJson.length + (event.contextJson?.length ?? 0) + 256,
    maxBatch: config.INGEST_MAX_BATCH,
    maxItems: config.INGEST_QUEUE_EVENTS,
    maxBytes: config.INGEST_QUEUE_BYTES,
  });
  const events = new EventService({
    queue: tracing ? traceSenders(queue, tracing) : queue,
    meter: meters.events,
    pools,
    config,
    clock,
  });
  const instances = new Map<unknown, unknown>([
    [ApiSettingsResolver, new ApiSettingsResolver(new ApiSettingsService(dataSource, pools.api))],
    [IntegrationKeyResolver, new IntegrationKeyResolver(keys, new AllowedEventsService(parts))],
    [IpAccessResolver, new IpAccessResolver(new IpAccessService(parts))],
    [SessionResolver, new SessionResolver(new SessionService({ ...parts, passwords }), viewers, config)],
    [ViewerResolver, new ViewerResolver(viewers)],
    [ProfileResolver, new ProfileResolver(profiles)],
    [EventResolver, new EventResolver(events)],
    [EventDefinitionResolver, new EventDefinitionResolver(events)],
  ]);
  return { members, keys, profiles, queue, events, instances };
}

type Services = ReturnType<typeof createServices>;

/** The same queue; a flush knows then for which requests it is made. */
function traceSenders(queue: EventQueue, tracing: Tracing): EventQueue {
  return {
    add: (event, source) => queue.add(tracing.sentNow(event), source),
    addAll: (events, source) =>
      queue.addAll(
        events.map((event) => tracing.sentNow(event)),
        source,
      ),
  };
}

function startBackgroundWork(
  { pools }: Database,
  {
    profiles,
    config,
    log,
    clock,
  }: Pick<Environment, 'config' | 'log' | 'clock'> & { profiles: ProfileService },
) {
  const warn = (what: string) => (error: unknown) => log.warn({ err: error }, what);
  return [
    runEvery(
      PARTITION_INTERVAL_MS,
      () => ensureEventPartitions(pools.worker, clock()),
      warn('partitions not made'),
    ),
    runEvery(
      ERASURE_INTERVAL_MS,
      () => profiles.finishErasures(new Date(clock().getTime() - ERASURE_INTERVAL_MS)),
      warn('erasures not finished'),
    ),
    ...startExpiry({ db: pools.worker, config, clock, log }),
  ];
}

/** Throws an Error that says which entries are wrong. */
function readTrustedProxies(config: Config): IpRange[] {
  const ranges = config.TRUSTED_PROXIES.map(parseIpRange);
  const faults = ranges.flatMap((range, index) =>
    'fault' in range ? [`TRUSTED_PROXIES: entry ${index + 1} ${range.fault}`] : [],
  );
  if (faults.length > 0) throw wrongConfiguration(faults);
  return ranges.filter((range): range is IpRange => !('fault' in range));
}
