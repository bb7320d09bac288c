namespace Sparkwright.World.YuniKorn.Applications;

/// <summary>What has changed about applications and their pods since it was last asked: what the memory must write.</summary>
internal sealed class ChangeLog
{
    private readonly HashSet<Application> applications = [];
    private readonly HashSet<PodTask> tasks = [];

    public void Note(Application application) => applications.Add(application);

    public void Note(PodTask task) => tasks.Add(task);

    /// <summary>What was noted, in the order of names, and begins anew.</summary>
    public (IReadOnlyList<Application> Applications, IReadOnlyList<PodTask> Tasks) Take()
    {
        var taken = (
            applications.OrderBy(application => application.MemoryName, StringComparer.Ordinal).ToList(),
            tasks.OrderBy(task => task.Key).ThenBy(task => task.Uid, StringComparer.Ordinal).ToList());
        applications.Clear();
        tasks.Clear();
        return taken;
    }
}
