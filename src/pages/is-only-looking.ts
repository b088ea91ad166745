import type { Visit } from './visit.ts'

/** Who opens links to show what is behind them, without anybody having clicked. */
const previewers =
  /whatsapp|facebookexternalhit|facebot|meta-external|twitterbot|slackbot|slack-imgproxy|telegrambot|discordbot|linkedinbot|skypeuripreview|microsoftpreview|pinterest|redditbot|embedly|iframely|vkshare|viber|signal-desktop|googlebot|google-safety|googleother|bingbot|bingpreview|yandex|duckduckbot|baiduspider|applebot|petalbot|ahrefsbot|semrushbot|headlesspreview|crawler|spider/i

/** Whether a request only looks, for a preview or ahead of a click: it is shown nothing about anybody. */
export function isOnlyLooking({ request }: Visit): boolean {
  const { headers, method } = request
  const purpose = [headers['sec-purpose'], headers.purpose, headers['x-purpose'], headers['x-moz']].join(' ')
  return (
    method === 'HEAD' ||
    /prefetch|preview|prerender/i.test(purpose) ||
    previewers.test(headers['user-agent'] ?? '')
  )
}
