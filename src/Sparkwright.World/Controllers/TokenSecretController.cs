using System.Text;
using Sparkwright.Kubernetes.Authentication;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>
/// Fills Secrets of the type <c>kubernetes.io/service-account-token</c> with a token of the account that they name, and deletes those whose
/// account is gone.
/// </summary>
public sealed class TokenSecretController : Controller
{
    private readonly ClusterTrust? trust;

    /// <param name="trust">Null where nobody comes with tokens: Secrets then stay without one.</param>
    public TokenSecretController(EventLoop loop, ApiServer api, ClusterTrust? trust)
        : base(loop, api, "tokens-controller")
    {
        this.trust = trust;
        Follow(CoreTypes.Secret);
        Store.Watch(CoreTypes.ServiceAccount, change =>
        {
            foreach (var secret in Store.List(CoreTypes.Secret, change.Object.Namespace).Where(known => AccountOf(known) == change.Object.Name))
            {
                Wake(secret.Key);
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Secret, key) is not { Metadata.IsBeingDeleted: false } secret || AccountOf(secret) is not { } name)
        {
            return;
        }

        var uid = secret.Metadata.Annotation(ServiceAccountTokens.UidAnnotation);
        if (Store.Get(CoreTypes.ServiceAccount, key.Namespace, name) is not { } account || (uid is not null && uid != account.Metadata.Uid))
        {
            Api.Delete(CoreTypes.Secret, key, new DeleteOptions { Uid = secret.Metadata.Uid });
            return;
        }

        if (trust is null)
        {
            return;
        }

        var data = (secret.Body["data"] as TreeMap ?? TreeMap.Empty)
            .With("ca.crt", Encoded(trust.RootCertificate))
            .With("namespace", Encoded(key.Namespace))
            .With("token", Encoded(trust.Key.Sign(ServiceAccountTokens.LegacyClaims(account, key.Name))));
        Api.Update(secret.Set(["data"], data).WithAnnotation(ServiceAccountTokens.UidAnnotation, account.Metadata.Uid));
    }

    /// <summary>The account that a Secret of this type names.</summary>
    private static string? AccountOf(ApiObject secret) =>
        secret.Body["type"]?.Text == ServiceAccountTokens.SecretType ? secret.Metadata.Annotation(ServiceAccountTokens.NameAnnotation) : null;

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
