import { ApiError, unavailable } from '../errors';
import type { Logger } from '../log';
import { isConflict, isConnectionFault, isStatementTimeout } from './faults';

/** What anything that was thrown becomes for the caller: an ApiError stays, the rest is masked and logged. */
export function toApiError(error: unknown, { requestId, log }: { requestId: string; log: Logger }): ApiError {
  if (error instanceof ApiError) {
    if (error.cause !== undefined) log.debug({ requestId, code: error.code, err: error.cause }, 'refused');
    return error;
  }
  if (isConnectionFault(error)) {
    log.warn({ requestId, err: error }, 'the database is away');
    return unavailable('The database cannot be reached now. Try again.', error);
  }
  if (isConflict(error)) {
    log.warn({ requestId, err: error }, 'too many conflicts');
    return unavailable('Others are changing the same data. Try again.', error);
  }
  if (isStatementTimeout(error)) {
    log.warn({ requestId, err: error }, 'statement timeout');
    return new ApiError('QUERY_TIMEOUT', 'The query took too long.', { cause: error });
  }
  log.error({ requestId, err: error }, 'unexpected error');
  return new ApiError('INTERNAL_SERVER_ERROR', 'Something went wrong on our side.', {
    details: { requestId },
  });
}
