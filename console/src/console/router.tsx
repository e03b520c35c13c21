import { createHashRouter, type RouteObject } from 'react-router';
import { Frame } from './frame/frame.tsx';
import { RoomGate } from './frame/room-gate.tsx';
import { Start } from './frame/start.tsx';
import { rooms } from './rooms.ts';
import { NothingHere, PageFailed } from './states/page-failed.tsx';

/** Every address of the console. A hash router: the server knows one page, and a one-time link's token never reaches a log. */
export function createConsoleRouter() {
  return createHashRouter([
    {
      errorElement: <PageFailed />,
      // Nothing for the moment in which a page is fetched: what comes may be the door or the frame.
      hydrateFallbackElement: <></>,
      children: [
        { path: '/sign-in', lazy: async () => ({ Component: (await import('./pages/sign-in/sign-in-page.tsx')).SignInPage }) },
        { path: '/link/:token', lazy: async () => ({ Component: (await import('./pages/link/link-page.tsx')).LinkPage }) },
        {
          path: '/',
          element: <Frame />,
          children: [
            {
              errorElement: <PageFailed />,
              children: [{ index: true, element: <Start /> }, ...rooms.map(roomRoute), { path: '*', element: <NothingHere /> }],
            },
          ],
        },
      ],
    },
  ]);
}

function roomRoute(room: (typeof rooms)[number]): RouteObject {
  return {
    path: `${room.path}/*`,
    lazy: async () => {
      const Page = await room.load();
      return {
        element: (
          <RoomGate room={room}>
            <Page />
          </RoomGate>
        ),
      };
    },
  };
}
