using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Server.KubernetesApi;
using Sparkwright.Server.Pacing;
using Sparkwright.Server.Storage;
using Sparkwright.World;
using Sparkwright.World.Aws;

namespace Sparkwright.Server;

/// <summary>Who may come to a platform: the administrator and a user for each team, with their tokens, keys and files.</summary>
internal sealed class PlatformAccess(DataDirectory directory, Engine engine, X509Certificate2 authority)
{
    private IReadOnlyList<AccessKey> keys = [];

    public KnownUsers Users { get; } = new();

    /// <summary>Lets the teams that there are come, and those that are gone no more.</summary>
    public async Task Admit()
    {
        var left = Users.All.Select(static user => user.Name).ToList();
        var teams = await engine.Ask(static world => world.Settings.Blueprint?.Teams ?? []).ConfigureAwait(false);
        var users = directory.Users([(Iam.AdminUser, [Identity.MastersGroup]), .. teams.Select(team => (team.Name, Array.Empty<string>()))]);
        left.RemoveAll(name => users.Any(user => user.Name == name));
        keys = await engine.Ask(world =>
        {
            foreach (var name in left)
            {
                Remove(world, name);
            }

            return users.Select(user => TeamAccess.EnsureUser(world, user.Name, NewSecret())).ToList();
        }).ConfigureAwait(false);
        Users.All = users;
    }

    /// <summary>Writes the files that clients read; answers where they are.</summary>
    /// <param name="address">Of the Kubernetes API.</param>
    public async Task<(string Kubeconfig, string Credentials)> Write(Uri address)
    {
        var cluster = await engine.Ask(static world => world.Settings.ClusterName).ConfigureAwait(false);
        var users = Users.All;
        var kubeconfig = Kubeconfig.Of(cluster, address, authority, [.. users.Select((user, at) => (user, at == 0 ? null : (string?)user.Name))]);
        var credentials = string.Concat(users.Zip(keys).Select(static one => $"[{one.First.Name}]\naws_access_key_id = {one.Second.Id}\naws_secret_access_key = {one.Second.Secret}\n\n"));
        return (
            directory.WriteSecret("kubeconfig", Encoding.UTF8.GetBytes(kubeconfig.ToString())),
            directory.WriteSecret("aws-credentials", Encoding.UTF8.GetBytes(credentials.TrimEnd('\n') + "\n")));
    }

    /// <summary>A secret access key: 40 characters, as AWS makes them.</summary>
    private static string NewSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(30));

    private static void Remove(World.World world, string user)
    {
        if (world.Store.Get(IamTypes.User, "", user) is not { } known)
        {
            return;
        }

        foreach (var key in world.Store.List(IamTypes.AccessKey).Where(key => key.Spec["arn"]?.Text == known.Spec["arn"]?.Text).ToList())
        {
            world.Api.Delete(IamTypes.AccessKey, key.Key);
        }

        world.Api.Delete(IamTypes.User, known.Key);
    }
}
