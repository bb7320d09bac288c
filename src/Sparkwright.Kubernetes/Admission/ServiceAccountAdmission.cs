using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>
/// The admission plugin ServiceAccount: a new pod needs its account, gets that account's pull secrets, and a volume with a token, the cluster's
/// certificate authority and the pod's namespace.
/// </summary>
public sealed class ServiceAccountAdmission(ObjectStore store, Chance chance)
{
    private const string MountPath = "/var/run/secrets/kubernetes.io/serviceaccount";
    private const string VolumePrefix = "kube-api-access-";
    private const string DefaultAccount = "default";

    /// <summary>The last spec that was completed: pods of one template come one after the other, and go on sharing what they share.</summary>
    private (TreeMap Given, string Volume, TreeMap Whole)? last;

    public AdmissionVerdict Admit(ApiObject candidate, ApiObject? old)
    {
        if (candidate.Type != CoreTypes.Pod || old is not null || candidate.Metadata.Annotation("kubernetes.io/config.mirror") is not null)
        {
            return AdmissionVerdict.Accept(candidate);
        }

        var spec = candidate.Spec;
        var name = spec["serviceAccountName"]?.Text is { Length: > 0 } named ? named : DefaultAccount;

        // The default account comes with its namespace, a moment later; the server waits that moment.
        var account = store.Get(CoreTypes.ServiceAccount, candidate.Namespace, name);
        if (account is null && name != DefaultAccount)
        {
            // This plugin sees a pod before its name is generated.
            var shown = candidate.Metadata.GenerateName is { Length: > 0 } prefix ? prefix : candidate.Name;
            return AdmissionVerdict.Refuse(ApiStatus.Forbidden(
                CoreTypes.Pod, shown, $"error looking up service account {candidate.Namespace}/{name}: serviceaccount \"{name}\" not found"));
        }

        if (spec["imagePullSecrets"] is not TreeList { Count: > 0 } && account?.Body["imagePullSecrets"] is TreeList { Count: > 0 } secrets)
        {
            spec = spec.With("imagePullSecrets", secrets);
        }

        if ((spec["automountServiceAccountToken"]?.Boolean ?? account?.Body["automountServiceAccountToken"]?.Boolean) != false)
        {
            spec = WithToken(spec, VolumeOf(new ObjectKey(candidate.Namespace, name)));
        }

        return AdmissionVerdict.Accept(ReferenceEquals(spec, candidate.Spec) ? candidate : candidate.WithSpec(spec));
    }

    /// <summary>The name of the token's volume: pods of one account share it, as they share so much of their spec.</summary>
    private string VolumeOf(ObjectKey account) => VolumePrefix + chance.For("api/token-volume", account.ToString()).NameSuffix(5);

    private TreeMap WithToken(TreeMap spec, string volume)
    {
        if (last is { } known && ReferenceEquals(known.Given, spec) && known.Volume == volume)
        {
            return known.Whole;
        }

        var volumes = spec["volumes"] as TreeList ?? TreeList.Empty;
        var there = volumes.Span.ToArray().Select(one => one["name"]?.Text).LastOrDefault(one => one?.StartsWith(VolumePrefix, StringComparison.Ordinal) == true);
        var mount = TreeMap.Of(("mountPath", MountPath), ("name", there ?? volume), ("readOnly", true));
        var whole = spec.WithEach("initContainers", Mounted).WithEach("containers", Mounted);
        if (there is null && !ReferenceEquals(whole, spec))
        {
            whole = whole.With("volumes", volumes.Add(TokenVolume(volume)));
        }

        last = (spec, volume, whole);
        return whole;

        TreeMap Mounted(TreeMap container)
        {
            var mounts = container["volumeMounts"] as TreeList ?? TreeList.Empty;
            foreach (var one in mounts.Span)
            {
                if (one["mountPath"]?.Text?.TrimEnd('/') == MountPath)
                {
                    return container;
                }
            }

            return container.With("volumeMounts", mounts.Add(mount));
        }
    }

    private static TreeMap TokenVolume(string name)
    {
        var home = TreeMap.Of(("fieldRef", TreeMap.Of(("apiVersion", "v1"), ("fieldPath", "metadata.namespace"))), ("path", "namespace"));
        var authority = TreeMap.Of(("items", TreeList.Of(TreeMap.Of(("key", "ca.crt"), ("path", "ca.crt")))), ("name", "kube-root-ca.crt"));
        return TreeMap.Of(
            ("name", name),
            ("projected", TreeMap.Of(
                ("defaultMode", 420),
                ("sources", TreeList.Of(
                    TreeMap.Of(("serviceAccountToken", TreeMap.Of(("expirationSeconds", 3607), ("path", "token")))),
                    TreeMap.Of(("configMap", authority)),
                    TreeMap.Of(("downwardAPI", TreeMap.Of(("items", TreeList.Of(home))))))))));
    }
}
