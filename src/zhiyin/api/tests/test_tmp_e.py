from zhiyin.api.tests.test_maps import *
def test_x():
    ask=asking(a_key()); 
    print(ask("post","/maps",{"key":"new","document":WRITTEN}).content)
    rules = json.dumps(WRITTEN).replace("name = 'Refund Asked'", "customer = 'c7'")
    print(ask("put", "/maps/trip", {"document": json.loads(rules), "keep": True}).content)
    print(ask("get","/maps/trip/figures",DAYS).content[:300])
