import type { RestRoute } from '../auth/rest-route';
import { notFound } from '../errors';
import type { ProfileService } from './profile.service';
import { readDeviceContext, readId, readRecord, requireRecord } from './rest-input';

/** `POST /profile`, `GET /profile/{userId}`, `DELETE /profile/{userId}` (rest-doors.md). */
export function profileRoutes(profiles: ProfileService): RestRoute[] {
  return [
    {
      method: 'POST',
      path: '/profile',
      scope: 'profiles:write',
      allowsCors: true,
      handle: async ({ caller, body }) => {
        const sent = requireRecord(body, []);
        await profiles.identifyProfile(
          caller.workspaceId,
          {
            userId: readId(sent['userId'], ['userId']),
            externalId: readId(sent['externalId'], ['externalId']),
            anonymousId: readId(sent['anonymousId'], ['anonymousId']),
            properties: readRecord(sent['properties'], ['properties']),
            context: readDeviceContext(sent['deviceData'], ['deviceData']),
          },
          [],
        );
        return { status: 204 };
      },
    },
    {
      method: 'GET',
      path: '/profile/{userId}',
      scope: 'profiles:read',
      allowsCors: false,
      handle: async ({ caller, params }) => {
        const profile = await profiles.findProfile(caller.workspaceId, { userId: params['userId'] }, []);
        if (!profile) throw notFound('profile');
        const { userId, externalId, anonymousIds, properties, computedProperties, segments } = profile;
        return {
          status: 200,
          // These clients mean the user id when they say id.
          body: { id: userId, userId, externalId, anonymousIds, properties, computedProperties, segments },
        };
      },
    },
    {
      method: 'DELETE',
      path: '/profile/{userId}',
      scope: 'profiles:delete',
      allowsCors: false,
      handle: async ({ caller, params }) => ({
        status: 200,
        body: await profiles.deleteProfile(caller.workspaceId, { userId: params['userId'] }, []),
      }),
    },
  ];
}
