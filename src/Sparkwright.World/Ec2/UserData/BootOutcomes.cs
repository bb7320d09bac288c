namespace Sparkwright.World.Ec2.UserData;

/// <summary>What the boots of instances leave behind; instances of one type with one userData share one reading.</summary>
public sealed class BootOutcomes(Ec2Catalogue catalogue)
{
    private readonly Dictionary<(string Type, string UserData), UserDataOutcome> known = [];

    public UserDataOutcome Of(Instance instance)
    {
        var key = (instance.TypeName, instance.UserData);
        if (!known.TryGetValue(key, out var outcome))
        {
            var disks = catalogue.Find(instance.TypeName) is { } type ? NodeDisks.Of(type) : new NodeDisks();
            known.Add(key, outcome = UserDataReader.Read(instance.UserData, disks));
        }

        return outcome;
    }
}
