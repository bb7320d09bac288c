using System.Globalization;
using System.Text;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Aws.Api;

/// <summary>A page of a list, as most services give them: at most so many, and a token with which to ask for the rest.</summary>
/// <param name="Next">Null on the last page.</param>
public sealed record AwsPage<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Cuts lists into pages. A token is the place at which the next page begins.</summary>
public static class AwsPages
{
    /// <summary>The page that a call asks for; null when its token is not one of ours.</summary>
    /// <param name="most">Entries of a page when the call does not say.</param>
    public static AwsPage<T>? Of<T>(IReadOnlyList<T> all, AwsCall call, int most, string size = "maxResults", string token = "nextToken")
    {
        var count = (int)Math.Clamp(call.Number(size) ?? most, 1, most);
        var start = 0;
        if (call.Text(token) is { } given)
        {
            var bytes = new byte[given.Length];
            if (!Convert.TryFromBase64String(given, bytes, out var length) || !int.TryParse(Encoding.ASCII.GetString(bytes, 0, length), NumberStyles.None, CultureInfo.InvariantCulture, out start))
            {
                return null;
            }
        }

        var items = all.Skip(start).Take(count).ToList();
        return new AwsPage<T>(items, start + items.Count < all.Count ? Convert.ToBase64String(Encoding.ASCII.GetBytes((start + items.Count).ToString(CultureInfo.InvariantCulture))) : null);
    }

    public static TreeList Trees<T>(AwsPage<T> page, Func<T, Tree> print) => TreeList.From(page.Items.Select(print));
}
