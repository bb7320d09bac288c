using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Authorization;

/// <summary>As whom somebody wants to ask, from the <c>Impersonate-</c> headers.</summary>
/// <param name="Extra">Values of each extra key.</param>
public sealed record Impersonation(string User, ImmutableArray<string> Groups, string Uid, ImmutableArray<(string Key, string Value)> Extra)
{
    private const string UnauthenticatedGroup = "system:unauthenticated";

    /// <summary>The rights that it needs, each with the verb impersonate.</summary>
    public IEnumerable<AccessRequest> Needed()
    {
        yield return Target.ServiceAccount is { } account
            ? new AccessRequest("impersonate") { Resource = "serviceaccounts", Namespace = account.Namespace, Name = account.Name }
            : new AccessRequest("impersonate") { Resource = "users", Name = User };
        foreach (var group in Groups)
        {
            yield return new AccessRequest("impersonate") { Resource = "groups", Name = group };
        }

        foreach (var (key, value) in Extra)
        {
            yield return new AccessRequest("impersonate") { Group = "authentication.k8s.io", Resource = "userextras", Subresource = key, Name = value };
        }

        if (Uid.Length > 0)
        {
            yield return new AccessRequest("impersonate") { Group = "authentication.k8s.io", Resource = "uids", Name = Uid };
        }
    }

    /// <summary>Who then asks. Groups that every user is in need not be named.</summary>
    public Identity Who
    {
        get
        {
            var groups = Groups.IsEmpty && Target.ServiceAccount is { } account ? Identity.OfServiceAccount(account.Namespace, account.Name).Groups : Groups;
            var everybody = User == Identity.Anonymous.Name ? UnauthenticatedGroup : Identity.AuthenticatedGroup;
            return Target with
            {
                Groups = groups.Contains(everybody) || groups.Contains(UnauthenticatedGroup) ? groups : groups.Add(everybody),
                Uid = Uid,
                Extra = TreeMap.Of([.. Extra.GroupBy(one => one.Key).Select(values => (values.Key, (Tree?)TreeList.OfTexts(values.Select(one => one.Value))))]),
            };
        }
    }

    private Identity Target => new(User, []);
}
